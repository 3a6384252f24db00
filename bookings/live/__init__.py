"""What changed, told to whoever is looking.

`publish` is the saga's end: after a commit it says which booking or flight changed. `hub` is the
web server's end: it hears of what somebody looks at (`watched`) and tells the open streams
(`viewer`).
"""
