import { runProcess } from '@baton/runtime'
import { startIngress } from './start-ingress.ts'

await runProcess('ingress', startIngress)
