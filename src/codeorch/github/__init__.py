"""An issue becomes a draft pull request: the programs behind the four jobs of the workflow.

    gate      may this person ask, and what does the issue say?   write token for issues; no model
    propose   plan and write, into a bundle with a manifest       model key; no token, runs nothing
    test      the tests before and after                          runs code; no key, no token
    publish   prove the bundle, push it, open the pull request    write token; no key, runs nothing

`gate` and `publish` run on the standard library and git alone, out of a checkout that nothing is
installed from. What passes from job to job is a file that the next one does not believe.
See docs/security.md.
"""
