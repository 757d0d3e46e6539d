"""Credit risk classes of merchants (绿黄橙红): for supervisors only, computed by a dated model, each with its reasons.

通用型企业信用风险分类: no rating, no ground for a sanction, not public; it steers how often a shop is inspected, and
even the lowest class is never exempt (不评价、不惩戒、不公开、不免抽).
"""
