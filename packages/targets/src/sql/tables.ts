/** `app` a number, `id` a text that compares byte by byte, `text` any other, `integer` its digits, `json` the text of a JSON value, `time` ms since 1970. */
export type ColumnKind = 'app' | 'id' | 'text' | 'integer' | 'json' | 'time'

/** A table whose rows are put together from what events tell of them. */
export interface Table {
  key: Readonly<Record<string, ColumnKind>>
  /** Every field is a register of its own, with its version. */
  fields: Readonly<Record<string, ColumnKind>>
  /** Columns that are JSON objects, and whose every member is a register: events change some of them, or empty the whole. */
  maps: readonly string[]
}

/** In the order in which a transaction writes them: the same everywhere, so that workers do not deadlock. */
export const tables = {
  chat_group: {
    key: { sdk_app_id: 'app', group_id: 'id' },
    fields: {
      type: 'text',
      name: 'text',
      owner_account: 'id',
      introduction: 'text',
      notification: 'text',
      face_url: 'text',
      shut_up_all_member: 'text',
      apply_join_option: 'text',
      custom: 'json',
      created_at: 'time',
      full_at: 'time',
      destroyed_at: 'time'
    },
    maps: ['attributes']
  },
  chat_topic: {
    key: { sdk_app_id: 'app', topic_id: 'id' },
    fields: {
      group_id: 'id',
      name: 'text',
      introduction: 'text',
      notification: 'text',
      face_url: 'text',
      custom: 'json',
      created_at: 'time',
      destroyed_at: 'time'
    },
    maps: []
  },
  chat_group_member: {
    key: { sdk_app_id: 'app', group_id: 'id', account: 'id' },
    fields: { role: 'text', name_card: 'text', joined_at: 'time', left_at: 'time', exit_type: 'text' },
    maps: ['custom']
  },
  /** A conversation is a group, a topic, an official account, or two accounts: see `conversationOf`. */
  chat_message: {
    key: { sdk_app_id: 'app', conversation: 'id', message_key: 'id' },
    fields: {
      group_id: 'id',
      topic_id: 'id',
      from_account: 'id',
      to_account: 'id',
      msg_seq: 'integer',
      msg_random: 'integer',
      msg_id: 'text',
      sent_at: 'time',
      online_only_flag: 'integer',
      send_msg_result: 'integer',
      msg_body: 'json',
      cloud_custom_data: 'text',
      modified_at: 'time',
      modified_by: 'id',
      recalled_at: 'time',
      recalled_by: 'id',
      read_at: 'time',
      read_num: 'integer',
      unread_num: 'integer'
    },
    maps: []
  }
} as const satisfies Record<string, Table>

type Tables = typeof tables
export type TableName = keyof Tables
export type FieldOf<T extends TableName> = keyof Tables[T]['fields'] & string
export type MapOf<T extends TableName> = Tables[T]['maps'][number]

export const tableNames = Object.keys(tables) as readonly TableName[]

/** Of a `time` a number, of all others a text. */
export type Value = string | number | null

/** A last-writer-wins register. */
export interface Register {
  value: Value
  version: string
}

/** What is known of a map: when it was last emptied ('' for never), and the members that were told no earlier than that. */
export interface MapState {
  emptied: string
  /** The text of a JSON value, or null for one that was taken away. */
  members: ReadonlyMap<string, Register>
}

/** What is known of one row. A field or map that is not there is not known, which is something else than NULL. */
export interface Row {
  table: TableName
  /** In the order of the table's key columns. */
  key: readonly string[]
  /** The version of its beginning, which tells every field: those that it does not name are NULL. '' where none is known: the row is incomplete. */
  begun: string
  fields: ReadonlyMap<string, Register>
  maps: ReadonlyMap<string, MapState>
}
