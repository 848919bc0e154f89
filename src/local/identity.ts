/** The account that everything local belongs to. */
export const LOCAL_ACCOUNT = '000000000000';

/** The region of whatever names none. */
export const DEFAULT_REGION = 'us-east-1';
