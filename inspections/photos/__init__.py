"""Photos: bytes decoded safely, and pixels made linear."""
