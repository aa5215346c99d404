"""The emulator's `incontact` contract, which NICE publishes."""
