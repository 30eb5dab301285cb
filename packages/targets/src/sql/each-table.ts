import { tableNames, type TableName } from './tables.ts'

/** Something for each table: statements, as a rule. */
export const eachTable = <T>(make: (name: TableName) => T): Record<TableName, T> =>
  Object.fromEntries(tableNames.map(name => [name, make(name)])) as Record<TableName, T>
