"""What runs the product on one machine: embedded servers, the supervisor, the web page's build.

Of our rooms it imports core only; everything else is started as a process of its own.
"""
