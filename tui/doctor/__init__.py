"""What `sotto doctor` looks at: is everything here that a call needs, and as it has to be?"""
