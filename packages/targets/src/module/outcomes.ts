import { unlisted, type OutcomeTable } from '../outcome-table.ts'

/** What Baton says of a module, beside all that the module itself says. */
export const moduleOutcomes: OutcomeTable = {
  ...unlisted,
  rows: [
    { codes: ['module_threw'], means: 'retry', when: 'a defect of the module: it threw; the reason tells what and where. All other codes are its own, and mean what it says' },
    { codes: ['module_answer'], means: 'retry', when: 'a defect of the module: it answered what is no outcome, or not one for each event' }
  ]
}
