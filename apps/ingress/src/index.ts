export { startIngress } from './start-ingress.ts'
