"""The programme: colours, stages, plan."""
