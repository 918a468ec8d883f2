"""Widgets hold no logic: values in, intents out."""
