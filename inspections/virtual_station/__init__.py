"""The virtual photo station: rig, optics, marker card, reflecting panel, screen and camera, one file each."""
