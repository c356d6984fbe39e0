"""What `cdk deploy` puts into the account."""
