"""What `reproduce.py` publishes: the figures, the results, and the page with both.

============ ==================================================================
``sheet``    what each figure asks for, how it is trained, what others measured
``figures``  draws them
``pictures`` draws what a network of images has learned, and what it gets wrong
``answers``  answers the sheet's questions from the numbers of a run
``page``     the HTML page: ``page.html``, in the style of ``page.css``
``results``  keeps it all in one directory, figure by figure
============ ==================================================================
"""
