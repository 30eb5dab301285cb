import { BatonError } from '../baton-error.ts'

/** @param tried what was looked for, each with why it did not help */
export const redisNotFound = (tried: readonly string[]): BatonError =>
  new BatonError('REDIS_NOT_FOUND', `No Redis found. Looked for: ${tried.join('; ')}. Do one of these:`, {
    problems: [
      'Debian/Ubuntu:  sudo apt-get install -y redis-server',
      'macOS:          brew install redis',
      'Docker:         start Docker, then run npm start again',
      'A Redis of yours:  REDIS_URL=redis://host:6379 npm start'
    ]
  })
