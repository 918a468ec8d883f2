"""What is made of the commands as they are: completion for shells, and manual pages."""
