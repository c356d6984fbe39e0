"""The stacks that `cdk deploy` creates in the account."""
