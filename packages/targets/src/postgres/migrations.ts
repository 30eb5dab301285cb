/**
 * The tables' history: migration 1 is the first. A released one never changes; what comes next is added at the end.
 * Ids compare byte by byte. `json` keeps the body's text as it came, where `jsonb` would refuse or reorder some of it.
 */
const unprefixed: readonly string[] = [
  `
  CREATE TABLE chat_event (
    event_id text COLLATE "C" PRIMARY KEY,
    sdk_app_id bigint NOT NULL,
    command text COLLATE "C" NOT NULL,
    group_id text COLLATE "C",
    event_time timestamptz,
    received_at timestamptz NOT NULL,
    body json NOT NULL
  );
  CREATE INDEX chat_event_by_group ON chat_event (sdk_app_id, group_id, event_time);
  CREATE INDEX chat_event_by_receipt ON chat_event (received_at);

  CREATE TABLE chat_group (
    sdk_app_id bigint NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    type text,
    name text,
    owner_account text COLLATE "C",
    custom jsonb,
    destroyed_at timestamptz,
    versions jsonb NOT NULL,
    PRIMARY KEY (sdk_app_id, group_id)
  );

  CREATE TABLE chat_topic (
    sdk_app_id bigint NOT NULL,
    topic_id text COLLATE "C" NOT NULL,
    group_id text COLLATE "C",
    name text,
    custom jsonb,
    destroyed_at timestamptz,
    versions jsonb NOT NULL,
    PRIMARY KEY (sdk_app_id, topic_id)
  );
  CREATE INDEX chat_topic_by_group ON chat_topic (sdk_app_id, group_id);

  CREATE TABLE chat_group_member (
    sdk_app_id bigint NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    role text,
    name_card text,
    custom jsonb,
    joined_at timestamptz,
    left_at timestamptz,
    versions jsonb NOT NULL,
    PRIMARY KEY (sdk_app_id, group_id, account)
  );
  CREATE INDEX chat_group_member_by_account ON chat_group_member (sdk_app_id, account);
  `,
  // What was decided about a before-callback, where somebody was asked.
  'ALTER TABLE chat_event ADD COLUMN decision jsonb',
  // All that the commands of groups tell. A row is incomplete until its beginning is known; up to here only that told a name.
  `
  ALTER TABLE chat_group
    ADD COLUMN introduction text, ADD COLUMN notification text, ADD COLUMN face_url text,
    ADD COLUMN shut_up_all_member text, ADD COLUMN apply_join_option text, ADD COLUMN attributes jsonb,
    ADD COLUMN created_at timestamptz, ADD COLUMN full_at timestamptz;
  UPDATE chat_group SET
    created_at = to_timestamp(split_part(versions ->> 'name', ' ', 1)::numeric / 1000),
    versions = versions || jsonb_build_object('created_at', versions ->> 'name', 'begun', versions ->> 'name')
  WHERE versions ->> 'name' IS NOT NULL;
  ALTER TABLE chat_group ADD COLUMN incomplete boolean GENERATED ALWAYS AS (versions ->> 'begun' IS NULL) STORED;

  ALTER TABLE chat_topic
    ADD COLUMN introduction text, ADD COLUMN notification text, ADD COLUMN face_url text, ADD COLUMN created_at timestamptz;
  UPDATE chat_topic SET
    created_at = to_timestamp(split_part(versions ->> 'name', ' ', 1)::numeric / 1000),
    versions = versions || jsonb_build_object('created_at', versions ->> 'name', 'begun', versions ->> 'name')
  WHERE versions ->> 'name' IS NOT NULL;
  ALTER TABLE chat_topic ADD COLUMN incomplete boolean GENERATED ALWAYS AS (versions ->> 'begun' IS NULL) STORED;

  UPDATE chat_group_member SET versions = versions || jsonb_build_object('begun', versions ->> 'joined_at') WHERE versions ->> 'joined_at' IS NOT NULL;
  ALTER TABLE chat_group_member
    ADD COLUMN exit_type text,
    ADD COLUMN incomplete boolean GENERATED ALWAYS AS (versions ->> 'begun' IS NULL) STORED;

  CREATE INDEX chat_group_by_end ON chat_group (destroyed_at) WHERE destroyed_at IS NOT NULL;
  CREATE INDEX chat_topic_by_end ON chat_topic (destroyed_at) WHERE destroyed_at IS NOT NULL;
  CREATE INDEX chat_group_member_by_end ON chat_group_member (left_at) WHERE left_at IS NOT NULL;
  `,
  // Messages; the table stays empty where nobody asks for them.
  `
  CREATE TABLE chat_message (
    sdk_app_id bigint NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    message_key text COLLATE "C" NOT NULL,
    group_id text COLLATE "C",
    topic_id text COLLATE "C",
    from_account text COLLATE "C",
    to_account text COLLATE "C",
    msg_seq bigint,
    msg_random bigint,
    msg_id text COLLATE "C",
    sent_at timestamptz,
    online_only_flag bigint,
    send_msg_result bigint,
    msg_body jsonb,
    cloud_custom_data text,
    modified_at timestamptz,
    modified_by text COLLATE "C",
    recalled_at timestamptz,
    recalled_by text COLLATE "C",
    read_at timestamptz,
    read_num bigint,
    unread_num bigint,
    versions jsonb NOT NULL,
    incomplete boolean GENERATED ALWAYS AS (versions ->> 'begun' IS NULL) STORED,
    retained_from timestamptz GENERATED ALWAYS AS (coalesce(sent_at, modified_at, recalled_at, read_at)) STORED,
    PRIMARY KEY (sdk_app_id, conversation, message_key)
  );
  CREATE INDEX chat_message_by_time ON chat_message (sdk_app_id, conversation, sent_at);
  CREATE INDEX chat_message_by_sender ON chat_message (sdk_app_id, from_account, sent_at);
  CREATE INDEX chat_message_by_age ON chat_message (retained_from);
  `
]

export const migrationsWith = (prefix: string): readonly string[] => unprefixed.map(sql => sql.replaceAll(/\bchat_/g, `${prefix}chat_`))
