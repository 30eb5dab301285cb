import { entityKindOf } from '@baton/contracts'
import { whenItComes, type DescribedCommand } from './described-commands.ts'
import { fieldsTable } from './fields-table.ts'
import { jsonText } from './json-text.ts'
import { eventTimeInWords, orderingKeyInWords } from './keys-in-words.ts'

const phases = {
  before: '**Before**: its answer decides.',
  after: '**After**: its answer changes nothing.'
}

/** Everything about one command. What is long is folded away. */
export function commandSection (described: DescribedCommand): string {
  const { command, phase, entry, fields, example, schemaFile } = described
  const links = [entry.documentation && `[Tencent's page](${entry.documentation})`, `[JSON Schema](../schemas/${schemaFile})`].filter(Boolean)
  return `### \`${command}\`

${whenItComes(described)}

- ${phases[phase]} ${links.join(', ')}
- **Ordering key**: ${orderingKeyInWords(entry.orderingKey)}
- **Event time**: ${eventTimeInWords(described)}
- **About**: ${entitiesInWords(described)}

<details>
<summary>${fields.length} fields, and an example</summary>

${fieldsTable(fields)}

\`\`\`json
${jsonText(example)}
\`\`\`

</details>
`
}

/** By the rule of names that finds them in bodies. */
function entitiesInWords ({ fields }: DescribedCommand): string {
  const of = (kind: ReturnType<typeof entityKindOf>) => fields.filter(({ name }) => entityKindOf(name) === kind).map(({ path }) => `\`${path}\``)
  const named = ([['groups', of('group')], ['topics', of('topic')], ['accounts', of('account')]] as const)
    .flatMap(([kind, paths]) => paths.length === 0 ? [] : [`${kind} in ${paths.join(', ')}`])
  return named.length === 0 ? 'no group, topic or account' : named.join('; ')
}
