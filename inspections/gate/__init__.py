"""The capture gate: may these photos be judged?"""
