"""A stand-in for EasyPost, on this machine: labels, and a journey for each parcel that got one.

It answers as EasyPost's documents say, as much of it as Polku uses: `POST /v2/shipments`, `GET /v2/shipments/{id}`
(or by the reference), `POST /v2/shipments/{id}/buy`. Then it plays the parcel's way to its recipient and tells it by
signed webhooks, now and then twice, as carriers do. Nothing of the real EasyPost's behaviour is proved by it.

A parcel to a street with the word `Palautustie` in it is refused at the door and comes back. `POST /_control/{name}`
asks for more than carriers offer: `return_parcel`, `play`, `parcels`.

`python -m tests.fakes.carrier --port 8003` runs it alone; `running_fake_carrier()` in a test.
"""
