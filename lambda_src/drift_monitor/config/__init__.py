"""What a monitor's file says. No numpy, no Arrow, no boto3."""
