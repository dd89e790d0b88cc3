"""Pictures of the demonstration's goods, drawn by us: silhouettes to scale, filled with fabric, wood or paint.

Nothing here knows Django or the database; the same description always gives the same picture.
"""
