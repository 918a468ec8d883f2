"""The control plane: who is here, who may do what, chat, both ends of the protocol."""
