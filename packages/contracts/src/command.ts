/**
 * A command that can be named safely in headers, keys and log lines. Tencent's look like `Group.CallbackAfterCreateTopic`;
 * the longest documented one has 57 characters.
 */
const usable = /^[A-Za-z][A-Za-z0-9_.]{0,127}$/

export const isUsableCommand = (command: string): boolean => usable.test(command)

/** Before-commands ask for a decision and wait for it: `...CallbackBefore...`, and `Sns.CallbackPrev...`. */
export const isBeforeCommand = (command: string): boolean => /\.Callback(?:Before|Prev)/.test(command)
