"""HTTP routes beside /graphql: health, uploads, media, providers' callbacks, demo accounts."""
