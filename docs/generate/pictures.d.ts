// The types of pictures.js, for its test.
export declare const pagePicture: (results: string) => string;
export declare const soakPicture: (soak: object, svg: string) => string;
