type ColumnType = 'bigint' | 'text' | 'jsonb' | 'timestamptz'

/** A table whose rows are put together from what events tell of them. Every field is a register of its own, with its version. */
export interface Table {
  key: Readonly<Record<string, ColumnType>>
  fields: Readonly<Record<string, ColumnType>>
}

/** In the order in which a transaction writes them: the same everywhere, so that workers do not deadlock. */
export const tables = {
  chat_group: {
    key: { sdk_app_id: 'bigint', group_id: 'text' },
    fields: { type: 'text', name: 'text', owner_account: 'text', custom: 'jsonb', destroyed_at: 'timestamptz' }
  },
  chat_topic: {
    key: { sdk_app_id: 'bigint', topic_id: 'text' },
    fields: { group_id: 'text', name: 'text', custom: 'jsonb', destroyed_at: 'timestamptz' }
  },
  chat_group_member: {
    key: { sdk_app_id: 'bigint', group_id: 'text', account: 'text' },
    fields: { role: 'text', name_card: 'text', custom: 'jsonb', joined_at: 'timestamptz', left_at: 'timestamptz' }
  }
} as const satisfies Record<string, Table>

type Tables = typeof tables
export type TableName = keyof Tables
export type FieldOf<T extends TableName> = keyof Tables[T]['fields'] & string

/** A last-writer-wins register. `value` is the text of a value of the column's type, or NULL. */
export interface Register {
  value: string | null
  version: string
}

/** What is known of one row. A field that is not there is not known, which is something else than NULL. */
export interface Row {
  table: TableName
  /** In the order of the table's key columns. */
  key: readonly string[]
  fields: ReadonlyMap<string, Register>
}
