/**
 * The tables' history: migration 1 is the first. A released one never changes; what comes next is added at the end.
 * Ids compare byte by byte. `json` keeps the body's text as it came, where `jsonb` would refuse or reorder some of it.
 */
export const migrations: readonly string[] = [
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
  'ALTER TABLE chat_event ADD COLUMN decision jsonb'
]
