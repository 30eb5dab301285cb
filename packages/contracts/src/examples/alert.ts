export const alertExamples = {
  'Alert.RequestOverLimit': {
    CallbackCommand: 'Alert.RequestOverLimit',
    ServiceName: 'openim',
    Command: 'batchsendmsg',
    Request: 510,
    Limit: 200
  }
}
