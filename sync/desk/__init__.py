"""What a partner runs: an inbox of referrals as plain web pages, and the same on the command line.

Laws of this room: a referral is durable here before its receipt leaves; (reference, version) is taken once, for
ever; one agency's data is never shown beside, or found from, another's; opening a link answers nothing; an answer
can be taken back for ten minutes and leaves only then.
"""
