import { isAlias, isNode, visit, type Alias, type Document, type Node } from 'yaml'

/** More anchors and aliases than this are no relay file any more; it also bounds what aliases of aliases may unfold to. */
export const mostAliases = 1_000

export interface Aliases {
  /** What each alias stands for; one that stands for nothing is not here. */
  sources: ReadonlyMap<Alias, Node>
  problems: { offset: number, text: string }[]
}

/** Finds what the aliases of a document stand for, each being looked at once however they refer to each other. */
export function aliasesOf (document: Document.Parsed): Aliases {
  const anchors = new Map<string, Node>()
  const sources = new Map<Alias, Node>()
  const problems: Aliases['problems'] = []
  let met = 0
  visit(document, {
    Node: (_, node) => {
      const offset = node.range?.[0] ?? 0
      if (isAlias(node)) {
        const source = anchors.get(node.source)
        if (source === undefined) problems.push({ offset, text: `*${node.source} stands for nothing: there is no &${node.source} before it` })
        else if (offset < (source.range?.[1] ?? 0)) problems.push({ offset, text: `*${node.source} stands within what it stands for` })
        else sources.set(node, source)
        met += 1
      } else if (isNode(node) && node.anchor !== undefined) {
        anchors.set(node.anchor, node)
        met += 1
      }
      if (met <= mostAliases) return
      problems.push({ offset, text: `there are more than ${mostAliases} anchors and aliases` })
      return visit.BREAK
    }
  })
  return { sources, problems }
}
