export const contentExamples = {
  'ContentCallback.ResultNotify': {
    Scene: 'C2C',
    SdkAppId: 1400187352,
    From_Account: 'jared',
    ContactItem: { ContactType: 1, To_Account: 'John' },
    ContentType: 'Text',
    TextContent: ['aaabbbccc', '1234567'],
    MsgID: '1434460578_4137340972_1661154487',
    CtxcbResult: 1,
    CtxcbRequestId: '241ed925-4c56-4357-95dd-1e6e7798f214',
    CtxcbKeywords: ['aaabbbccc', '1234567'],
    CtxcbSuggestion: 'Review',
    CtxcbLabel: 'Sexy',
    CtxcbSubLabel: 'InsinuationPorn',
    CtxcbSubLabelDesc: '影射XX',
    CtxcbLibName: 'test',
    CloudCustomData: 'aaabbbccc'
  }
}
