"""What is in deploy/: checked by the tools it is made for, and run as far as that goes without them."""
