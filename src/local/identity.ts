/** The account that everything local belongs to. */
export const LOCAL_ACCOUNT = '000000000000';

/** The region of whatever names none. */
export const DEFAULT_REGION = 'us-east-1';

/** The header by which a caller says that it acts as AWS itself, with its principal: the local CloudFormation does. */
export const AWS_SERVICE_HEADER = 'x-local-aws-service';
