"""The media plane: device, codec, frame encryption, packets, and back; forwarding; drawing."""
