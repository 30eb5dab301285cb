import { runProcess } from '@baton/runtime'
import { startWorker } from './start-worker.ts'

await runProcess('worker', startWorker)
