import type { Check } from './drill.ts'
import type { Ledger } from './ledger.ts'
import type { PrivatePostgres } from './private-postgres.ts'

interface StoredEvent {
  id: string
  digest: string
  /** When it was committed, in ms since 1970. */
  at: number
}

const storedEvents = `
SELECT event_id, left(encode(sha256(convert_to(body::text, 'UTF8')), 'hex'), 16), extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000
FROM chat_event`

/** How many topics differ from what the events tell of them: of each topic, the latest event. */
const misfits = `
SELECT count(*) FROM (
  SELECT DISTINCT ON (body->>'TopicId') sdk_app_id, body->>'TopicId' AS topic_id, body->>'GroupId' AS group_id, body->>'Name' AS name
  FROM chat_event ORDER BY body->>'TopicId', coalesce(event_time, received_at) DESC, event_id COLLATE "C" DESC
) told FULL JOIN chat_topic kept USING (sdk_app_id, topic_id)
WHERE (told.group_id, told.name) IS DISTINCT FROM (kept.group_id, kept.name) OR kept.destroyed_at IS NOT NULL`

/** The tables that a PostgreSQL target fills, in a database of the drill's own. */
export class Warehouse {
  readonly #postgres: PrivatePostgres
  readonly url: string

  private constructor (postgres: PrivatePostgres, url: string) {
    this.#postgres = postgres
    this.url = url
  }

  static async open (postgres: PrivatePostgres): Promise<Warehouse> {
    return new Warehouse(postgres, await postgres.database())
  }

  async rows (statement: string): Promise<string[][]> {
    return await this.#postgres.rows(this.url, statement)
  }

  /** Events in it; 0 as long as nothing was delivered and the tables do not exist. */
  async count (): Promise<number> {
    const [[exists] = []] = await this.rows("SELECT to_regclass('chat_event') IS NOT NULL")
    if (exists !== 't') return 0
    const [[count] = []] = await this.rows('SELECT count(*) FROM chat_event')
    return Number(count)
  }

  async events (): Promise<StoredEvent[]> {
    return (await this.rows(storedEvents)).map(([id = '', digest = '', at]) => ({ id, digest, at: Number(at) }))
  }

  /** Whether it holds every acknowledged event once, as it was sent, nothing that was not sent, and the topics that follow from it. */
  async compare (ledger: Ledger): Promise<Check> {
    const events = await this.events()
    const ids = new Set(events.map(({ id }) => id))
    const [[topics] = []] = await this.rows(misfits)
    const wrong = {
      missing: [...ledger.ackedIds].filter(id => !ids.has(id)).length,
      twice: events.length - ids.size,
      'never acknowledged': [...ids].filter(id => !ledger.mayArrive(id)).length,
      'with another body': events.filter(({ id, digest }) => digest !== (ledger.digestOf(id) ?? digest)).length,
      'topics that differ': Number(topics)
    }
    return {
      what: `the tables of PostgreSQL are exact (${Object.entries(wrong).map(([name, count]) => `${count} ${name}`).join(', ')})`,
      holds: Object.values(wrong).every(count => count === 0)
    }
  }
}
