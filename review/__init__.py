"""Model Review: pre-release regulatory review of frontier AI models.

The rooms, from the ground up (imports go down the stairs only):

rules      the regulation: vocabulary, the table of steps, guards, clocks, policy, instruments
settings   what an installation chooses
audit      the ledger: events, Merkle tree, checkpoints, verification
records    what is kept: database, people, cases, files, jobs, migrations
evidence   readers, one for each format that evaluation tools write
casefile   all that one audience may know of one case, as one frozen value
worklists  who must do what by when, and what a person may see
printing   what pages and documents share: templates, filters, charts
acts       what people do, one function each, through one door
dossier    paper
worker     documents, mail, deadlines
web        pages
demo       the demonstration docket
cli        the command line
"""

__version__ = "0.1.0"
