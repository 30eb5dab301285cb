/**
 * The tables' history: migration 1 is the first. A released one never changes; what comes next is added at the end. MySQL commits
 * each statement of this kind by itself: a migration that was cut short is begun anew, so each statement must bear its own repetition.
 *
 * `id` is a text that compares byte by byte, blanks at its end included; indexes allow it 255 characters. JSON is kept as text, since the type JSON
 * of MySQL would round numbers. Times are UTC.
 */
export const migrationsWith = (prefix: string, idCollation: string): readonly (readonly string[])[] => {
  const id = `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${idCollation}`
  const text = 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
  const incomplete = "incomplete BOOLEAN GENERATED ALWAYS AS (JSON_EXTRACT(versions, '$.begun') IS NULL) VIRTUAL"
  return [[
    `CREATE TABLE IF NOT EXISTS ${prefix}chat_event (
      event_id ${id} NOT NULL PRIMARY KEY,
      sdk_app_id BIGINT NOT NULL,
      command ${id} NOT NULL,
      group_id ${id},
      event_time DATETIME(3),
      received_at DATETIME(3) NOT NULL,
      body ${text} NOT NULL,
      decision ${text},
      INDEX chat_event_by_group (sdk_app_id, group_id, event_time),
      INDEX chat_event_by_receipt (received_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${prefix}chat_group (
      sdk_app_id BIGINT NOT NULL,
      group_id ${id} NOT NULL,
      type ${text},
      name ${text},
      owner_account ${id},
      introduction ${text},
      notification ${text},
      face_url ${text},
      shut_up_all_member ${text},
      apply_join_option ${text},
      custom ${text},
      attributes ${text},
      created_at DATETIME(3),
      full_at DATETIME(3),
      destroyed_at DATETIME(3),
      versions ${text} NOT NULL,
      ${incomplete},
      PRIMARY KEY (sdk_app_id, group_id),
      INDEX chat_group_by_end (destroyed_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${prefix}chat_topic (
      sdk_app_id BIGINT NOT NULL,
      topic_id ${id} NOT NULL,
      group_id ${id},
      name ${text},
      introduction ${text},
      notification ${text},
      face_url ${text},
      custom ${text},
      created_at DATETIME(3),
      destroyed_at DATETIME(3),
      versions ${text} NOT NULL,
      ${incomplete},
      PRIMARY KEY (sdk_app_id, topic_id),
      INDEX chat_topic_by_group (sdk_app_id, group_id),
      INDEX chat_topic_by_end (destroyed_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${prefix}chat_group_member (
      sdk_app_id BIGINT NOT NULL,
      group_id ${id} NOT NULL,
      account ${id} NOT NULL,
      role ${text},
      name_card ${text},
      custom ${text},
      joined_at DATETIME(3),
      left_at DATETIME(3),
      exit_type ${text},
      versions ${text} NOT NULL,
      ${incomplete},
      PRIMARY KEY (sdk_app_id, group_id, account),
      INDEX chat_group_member_by_account (sdk_app_id, account),
      INDEX chat_group_member_by_end (left_at)
    ) ENGINE=InnoDB`
  ], [
    // Messages; the table stays empty where nobody asks for them.
    `CREATE TABLE IF NOT EXISTS ${prefix}chat_message (
      sdk_app_id BIGINT NOT NULL,
      conversation ${id} NOT NULL,
      message_key ${id} NOT NULL,
      group_id ${id},
      topic_id ${id},
      from_account ${id},
      to_account ${id},
      msg_seq BIGINT,
      msg_random BIGINT,
      msg_id ${text},
      sent_at DATETIME(3),
      online_only_flag BIGINT,
      send_msg_result BIGINT,
      msg_body ${text},
      cloud_custom_data ${text},
      modified_at DATETIME(3),
      modified_by ${id},
      recalled_at DATETIME(3),
      recalled_by ${id},
      read_at DATETIME(3),
      read_num BIGINT,
      unread_num BIGINT,
      versions ${text} NOT NULL,
      ${incomplete},
      retained_from DATETIME(3) GENERATED ALWAYS AS (COALESCE(sent_at, modified_at, recalled_at, read_at)) VIRTUAL,
      PRIMARY KEY (sdk_app_id, conversation, message_key),
      INDEX chat_message_by_time (sdk_app_id, conversation, sent_at),
      INDEX chat_message_by_sender (sdk_app_id, from_account, sent_at),
      INDEX chat_message_by_age (retained_from)
    ) ENGINE=InnoDB`
  ]]
}
