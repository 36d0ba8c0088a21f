// The types of page.js, for the test of its picture.
interface Row {
  readonly name: string;
  readonly figures: string;
}

export declare const rowsOf: (medians: object, calls: object, messengerBytes: number) => Row[];
