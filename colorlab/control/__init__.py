"""Instruments and stations under control: how well they repeat, agree with each other, and keep what they say."""
