"""The staff console: what stands on the apps' own pages and belongs to none of them."""
