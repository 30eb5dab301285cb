/** The community that a topic belongs to: a topic's id is its community's id, `@TOPIC#_` and a part of its own. */
export function communityOf (topicId: string): string | undefined {
  const end = topicId.indexOf('@TOPIC#_')
  return end > 0 ? topicId.slice(0, end) : undefined
}
