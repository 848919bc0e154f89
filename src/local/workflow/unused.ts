/** Takes the place, in the bundle, of what the interpreter imports and nothing here calls: its own client of Lambda, and its checks. */
export default undefined;
