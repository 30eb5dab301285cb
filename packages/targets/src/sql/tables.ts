/** `app` a number, `id` a text that compares byte by byte, `text` any other, `json` the text of a JSON value, `time` ms since 1970. */
export type ColumnKind = 'app' | 'id' | 'text' | 'json' | 'time'

/** A table whose rows are put together from what events tell of them. Every field is a register of its own, with its version. */
export interface Table {
  key: Readonly<Record<string, ColumnKind>>
  fields: Readonly<Record<string, ColumnKind>>
}

/** In the order in which a transaction writes them: the same everywhere, so that workers do not deadlock. */
export const tables = {
  chat_group: {
    key: { sdk_app_id: 'app', group_id: 'id' },
    fields: { type: 'text', name: 'text', owner_account: 'id', custom: 'json', destroyed_at: 'time' }
  },
  chat_topic: {
    key: { sdk_app_id: 'app', topic_id: 'id' },
    fields: { group_id: 'id', name: 'text', custom: 'json', destroyed_at: 'time' }
  },
  chat_group_member: {
    key: { sdk_app_id: 'app', group_id: 'id', account: 'id' },
    fields: { role: 'text', name_card: 'text', custom: 'json', joined_at: 'time', left_at: 'time' }
  }
} as const satisfies Record<string, Table>

type Tables = typeof tables
export type TableName = keyof Tables
export type FieldOf<T extends TableName> = keyof Tables[T]['fields'] & string

export const tableNames = Object.keys(tables) as readonly TableName[]

/** Of a `time` a number, of all others a text. */
export type Value = string | number | null

/** A last-writer-wins register. */
export interface Register {
  value: Value
  version: string
}

/** What is known of one row. A field that is not there is not known, which is something else than NULL. */
export interface Row {
  table: TableName
  /** In the order of the table's key columns. */
  key: readonly string[]
  fields: ReadonlyMap<string, Register>
}
