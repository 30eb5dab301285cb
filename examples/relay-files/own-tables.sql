-- The tables of own-tables.yaml, as somebody's application may have them already.
CREATE TABLE topics (
  id text PRIMARY KEY,
  community text NOT NULL,
  title text NOT NULL DEFAULT '',
  opened_at timestamptz,
  closed_at timestamptz,
  version text NOT NULL
);

CREATE TABLE members (
  community text NOT NULL,
  account text NOT NULL,
  is_in boolean NOT NULL,
  version text NOT NULL,
  PRIMARY KEY (community, account)
);
